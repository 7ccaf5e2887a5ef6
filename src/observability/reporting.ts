/** How an export ended; 0 is well. */
type Result = { readonly code: number };

type Exporter<Items> = { export(items: Items, done: (result: Result) => void): void };

/**
 * The same exporter, which says when something could not be sent. The reason stays out: it may
 * quote what the collector answered, or the headers.
 */
export function reporting<Items, E extends Exporter<Items>>(exporter: E, onFailure: () => void): E {
  const send = exporter.export.bind(exporter);
  exporter.export = (items: Items, done: (result: Result) => void) =>
    send(items, (result) => {
      if (result.code !== 0) onFailure();
      done(result);
    });
  return exporter;
}
