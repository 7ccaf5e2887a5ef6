import { Button } from './button.tsx';
import { useFlash } from './flash.tsx';

/** Puts a text into the clipboard, and says whether it is there. */
export function CopyButton({ what, text }: { readonly what: string; readonly text: string }) {
  const tell = useFlash();
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => tell(`The ${what} is copied.`),
      // The browser or the person may refuse it.
      () => tell(`Copying was refused. Select the ${what} and copy it by hand.`),
    );
  return <Button onClick={copy}>Copy</Button>;
}
