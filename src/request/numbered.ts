/** A place for a request, which bears the number of the one that it holds or has held last. */
export interface Numbered {
  number: number;
}

/** From here on, numbers begin anew, so that every one fits four bytes. */
const LIMIT = 0xffff_0000;

/** Gives the place its next number, which tells where it is among `count` places. Allocates nothing. */
export function renumber(place: Numbered, count: number): void {
  place.number = place.number < LIMIT ? place.number + count : ((place.number - 1) % count) + 1;
}

/** The place with this number, if it is still that place's. Allocates nothing. */
export function placeOf<Place extends Numbered>(places: readonly Place[], number: number): Place | undefined {
  if (!(number > 0)) return undefined; // an index below 0 would be made text
  const place = places[(number - 1) % places.length];
  return place.number === number ? place : undefined;
}
