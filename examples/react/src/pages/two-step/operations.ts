import { graphql } from '../../generated';

/** Begins with an authenticator app. */
export const EnableTotp = graphql(`
  mutation EnableTotp {
    enableTotp {
      __typename
      ... on TotpEnrollment { secret otpauthUri qrCode expiresAt }
      ...Refusal
    }
  }
`);

/** Turns it on with a code of it. */
export const ConfirmTotp = graphql(`
  mutation ConfirmTotp($input: ConfirmTotpInput!) {
    confirmTotp(input: $input) {
      __typename
      ... on MfaEnabled { backupCodes viewer { user { id } } }
      ...Refusal
    }
  }
`);

/** Turns it off. */
export const DisableTotp = graphql(`
  mutation DisableTotp {
    disableTotp {
      __typename
      ... on MfaDisabled { viewer { user { id } } }
      ...Refusal
    }
  }
`);

/** Begins with codes by mail: mails one. */
export const EnableEmailMfa = graphql(`
  mutation EnableEmailMfa {
    enableEmailMfa {
      __typename
      ... on EmailSent { email expiresAt resendableAt }
      ...Refusal
    }
  }
`);

/** Turns them on with that code. */
export const ConfirmEmailMfa = graphql(`
  mutation ConfirmEmailMfa($input: ConfirmEmailMfaInput!) {
    confirmEmailMfa(input: $input) {
      __typename
      ... on MfaEnabled { backupCodes viewer { user { id } } }
      ...Refusal
    }
  }
`);

/** Turns them off. */
export const DisableEmailMfa = graphql(`
  mutation DisableEmailMfa {
    disableEmailMfa {
      __typename
      ... on MfaDisabled { viewer { user { id } } }
      ...Refusal
    }
  }
`);

/** Makes ten new codes; the older ones are void at once. */
export const RegenerateBackupCodes = graphql(`
  mutation RegenerateBackupCodes {
    regenerateBackupCodes {
      __typename
      ... on BackupCodesGenerated { backupCodes viewer { user { id } } }
      ...Refusal
    }
  }
`);
