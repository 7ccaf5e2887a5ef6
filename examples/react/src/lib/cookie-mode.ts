/** True if the refresh token is in a cookie that no script can read. */
export const COOKIE_MODE = import.meta.env.VITE_REFRESH_COOKIE === 'true';
