import { useMessages } from '../context.ts';
import { Button } from './button.tsx';
import { useFlash } from './flash.tsx';
import { Icon } from './icons.tsx';

/** Copies a text to the clipboard and says whether it succeeded. */
export function CopyButton({ what, text }: { readonly what: string; readonly text: string }) {
  const showMessage = useFlash();
  const { common } = useMessages();
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => showMessage(common.copied(what)),
      // The browser or the person may deny it.
      () => showMessage(common.copyDenied(what)),
    );
  return (
    <Button icon={<Icon name="copy" />} onClick={copy}>
      {common.copy}
    </Button>
  );
}
