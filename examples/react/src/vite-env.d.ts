interface ImportMetaEnv {
  /** `true` if the server runs with REFRESH_COOKIE=true. */
  readonly VITE_REFRESH_COOKIE?: string;
}
