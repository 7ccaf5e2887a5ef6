import { graphql } from '../../generated';

/** Starts setting up an authenticator app. */
export const EnableTotp = graphql(`
  mutation EnableTotp {
    enableTotp {
      __typename
      ... on TotpEnrollment { secret otpauthUri qrCode expiresAt }
      ...Refusal
    }
  }
`);

/** Turns on the authenticator app with one of its codes. */
export const ConfirmTotp = graphql(`
  mutation ConfirmTotp($input: ConfirmTotpInput!) {
    confirmTotp(input: $input) {
      __typename
      ... on MfaEnabled { backupCodes viewer { user { id } } }
      ...Refusal
    }
  }
`);

/** Turns off the authenticator app. */
export const DisableTotp = graphql(`
  mutation DisableTotp {
    disableTotp {
      __typename
      ... on MfaDisabled { viewer { user { id } } }
      ...Refusal
    }
  }
`);

/** Starts setting up codes by email: mails the first one. */
export const EnableEmailMfa = graphql(`
  mutation EnableEmailMfa {
    enableEmailMfa {
      __typename
      ... on EmailSent { email expiresAt resendableAt }
      ...Refusal
    }
  }
`);

/** Turns on codes by email with that code. */
export const ConfirmEmailMfa = graphql(`
  mutation ConfirmEmailMfa($input: ConfirmEmailMfaInput!) {
    confirmEmailMfa(input: $input) {
      __typename
      ... on MfaEnabled { backupCodes viewer { user { id } } }
      ...Refusal
    }
  }
`);

/** Turns off codes by email. */
export const DisableEmailMfa = graphql(`
  mutation DisableEmailMfa {
    disableEmailMfa {
      __typename
      ... on MfaDisabled { viewer { user { id } } }
      ...Refusal
    }
  }
`);

/** Creates ten new codes. The old codes stop working at once. */
export const RegenerateBackupCodes = graphql(`
  mutation RegenerateBackupCodes {
    regenerateBackupCodes {
      __typename
      ... on BackupCodesGenerated { backupCodes viewer { user { id } } }
      ...Refusal
    }
  }
`);
