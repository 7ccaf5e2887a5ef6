import { Button } from './button.tsx';
import { useFlash } from './flash.tsx';

/** Copies a text to the clipboard and says whether it succeeded. */
export function CopyButton({ what, text }: { readonly what: string; readonly text: string }) {
  const showMessage = useFlash();
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => showMessage(`The ${what} was copied.`),
      // The browser or the person may deny it.
      () => showMessage(`Copying was not allowed. Select the ${what} and copy it yourself.`),
    );
  return <Button onClick={copy}>Copy</Button>;
}
