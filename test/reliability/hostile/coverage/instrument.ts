import ts from "typescript";

/** Where a block begins. */
export interface Block {
  /** Path of its module, from the repository's root. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

const REACH = "__reach";
const { factory } = ts;

/**
 * Has every block of a module say that it is reached: the bodies of functions and loops, both ways of every branch, each
 * case, and what `&&`, `||`, `??` and `?:` may leave out.
 *
 * @param blocks gets the module's blocks; their index is the number that they are known by.
 * @param counters path of the module with `reach`.
 * @returns JavaScript.
 */
export function instrument(source: string, file: string, blocks: Block[], counters: string): string {
  const compilerOptions: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    useDefineForClassFields: false,
  };
  const transformers = { before: [inserting(file, blocks)] };
  const { outputText } = ts.transpileModule(source, { fileName: file, compilerOptions, transformers });
  return `import { reach as ${REACH} } from ${JSON.stringify(counters)};\n${outputText}`;
}

function inserting(file: string, blocks: Block[]): ts.TransformerFactory<ts.SourceFile> {
  return (context) => (module) => {
    const reach = (node: ts.Node): ts.Expression => {
      const line = module.getLineAndCharacterOfPosition(node.getStart(module)).line + 1;
      const number = factory.createNumericLiteral(blocks.push({ file, line }) - 1);
      return factory.createCallExpression(factory.createIdentifier(REACH), undefined, [number]);
    };
    const visit = (node: ts.Node): ts.Node => counted(ts.visitEachChild(node, visit, context), node, reach);
    return ts.visitEachChild(module, visit, context);
  };
}

type Reach = (node: ts.Node) => ts.Expression;

/** The node, its children done already, with its blocks counted. `original` has the places in the source. */
function counted(node: ts.Node, original: ts.Node, reach: Reach): ts.Node {
  const block = (of: ts.Statement, at: ts.Node): ts.Block => {
    const statements = ts.isBlock(of) ? of.statements : [of];
    return factory.createBlock([factory.createExpressionStatement(reach(at)), ...statements], true);
  };
  const value = (of: ts.Expression, at: ts.Node): ts.Expression => factory.createParenthesizedExpression(factory.createComma(reach(at), of));

  if (ts.isBlock(node) && (isFunctionBody(original) || ts.isCatchClause(original.parent) || isFinally(original)))
    return block(node, original);
  if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) {
    const { modifiers, typeParameters, parameters, type, equalsGreaterThanToken, body } = node;
    return factory.updateArrowFunction(node, modifiers, typeParameters, parameters, type, equalsGreaterThanToken, value(body, original));
  }
  if (ts.isIfStatement(node)) {
    const otherwise = node.elseStatement && block(node.elseStatement, original);
    return factory.updateIfStatement(node, node.expression, block(node.thenStatement, original), otherwise);
  }
  if (ts.isForStatement(node))
    return factory.updateForStatement(node, node.initializer, node.condition, node.incrementor, block(node.statement, original));
  if (ts.isForInStatement(node)) return factory.updateForInStatement(node, node.initializer, node.expression, block(node.statement, original));
  if (ts.isForOfStatement(node))
    return factory.updateForOfStatement(node, node.awaitModifier, node.initializer, node.expression, block(node.statement, original));
  if (ts.isWhileStatement(node)) return factory.updateWhileStatement(node, node.expression, block(node.statement, original));
  if (ts.isDoStatement(node)) return factory.updateDoStatement(node, block(node.statement, original), node.expression);
  if (ts.isCaseClause(node))
    return factory.updateCaseClause(node, node.expression, [factory.createExpressionStatement(reach(original)), ...node.statements]);
  if (ts.isDefaultClause(node))
    return factory.updateDefaultClause(node, [factory.createExpressionStatement(reach(original)), ...node.statements]);
  if (ts.isConditionalExpression(node)) {
    const { condition, questionToken, whenTrue, colonToken, whenFalse } = node;
    const either = [value(whenTrue, original), value(whenFalse, original)] as const;
    return factory.updateConditionalExpression(node, condition, questionToken, either[0], colonToken, either[1]);
  }
  if (ts.isBinaryExpression(node) && isShortCut(node.operatorToken.kind))
    return factory.updateBinaryExpression(node, node.left, node.operatorToken, value(node.right, original));
  return node;
}

function isFunctionBody({ parent }: ts.Node): boolean {
  return ts.isFunctionLike(parent);
}

function isFinally(block: ts.Node): boolean {
  return ts.isTryStatement(block.parent) && block.parent.finallyBlock === block;
}

function isShortCut(operator: ts.SyntaxKind): boolean {
  return (
    operator === ts.SyntaxKind.AmpersandAmpersandToken ||
    operator === ts.SyntaxKind.BarBarToken ||
    operator === ts.SyntaxKind.QuestionQuestionToken
  );
}
