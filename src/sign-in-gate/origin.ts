import type { Client } from '../kernel/ports.ts';
import { sourceOf } from '../kernel/source.ts';
import { describeDevice } from '../mail/device.ts';

/** Where a sign-in comes from, as the history stores and compares it. */
export type Origin = { readonly device: string; readonly network: string };

/** The devices and networks of earlier sign-ins, each newest first. */
export type KnownOrigins = {
  readonly devices: readonly string[];
  readonly networks: readonly string[];
};

/**
 * Names the device and the network of a request. A device is a browser on a system: a new version of the
 * browser is the same device. An IPv6 host changes its address within its network by itself, so the
 * network is compared and not the address.
 */
export function originOf(client: Client): Origin {
  const { browser, system } = describeDevice(client.userAgent);
  // A program that `describeDevice` does not know is known by its whole user agent.
  const device = browser === null ? (client.userAgent ?? '') : `${browser}/${system}`;
  const [network] = sourceOf(client);
  return { device, network };
}

/** True if earlier sign-ins came from this device and earlier sign-ins came from this network. */
export function isKnown(earlier: KnownOrigins, client: Client): boolean {
  const { device, network } = originOf(client);
  return earlier.devices.includes(device) && earlier.networks.includes(network);
}
