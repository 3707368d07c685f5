/** What a resolver is asked. */
interface Question {
  readonly host: string;
  onResolved(host: string, address: string): void;
  onError(host: string): void;
}

/** A DNS resolver of the SDK's kind, which answers when the test does. */
export class FakeResolver {
  readonly options: unknown;
  readonly questions: Question[] = [];
  isClosed = false;

  constructor(options: unknown) {
    this.options = options;
  }

  resolve(question: Question): void {
    if (this.isClosed) throw new Error("resolver: use after close");
    this.questions.push(question);
  }

  close(): void {
    this.isClosed = true;
  }

  // The test's side.

  /** The first question has this answer. */
  answer(address: string): void {
    const [question] = this.questions;
    question.onResolved.call(this, question.host, address);
  }

  /** The first question has no answer. */
  fail(): void {
    const [question] = this.questions;
    question.onError.call(this, question.host);
  }
}
