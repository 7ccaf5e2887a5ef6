/** The part of a document that the pages' scripts use. */
export class FakeElement {
  textContent = '';
  className = '';
  hidden = false;
  required = false;
  disabled = false;
  readOnly = false;
  rows = 0;
  href = '';
  name = '';
  value = '';
  children: FakeElement[] = [];
  listeners = new Map<string, (event: unknown) => Promise<void>>();
  inputs: FakeElement[] = [];
  button: FakeElement | null = null;

  append(...children: FakeElement[]) {
    this.children.push(...children);
  }
  replaceChildren(...children: FakeElement[]) {
    this.children = children;
  }
  addEventListener(name: string, listener: (event: unknown) => Promise<void>) {
    this.listeners.set(name, listener);
  }
  querySelector() {
    return this.button;
  }
  querySelectorAll() {
    return this.inputs;
  }
  select() {}
  focus() {}
  get text(): string {
    return [this.textContent, ...this.children.map((child) => child.text)].join(' ').trim();
  }
}
