import { describe, expect, test } from 'vitest';
import { WeakPasswordError } from '../../../src/proofs/password/errors.ts';
import { checkPassword, requireStrongPassword } from '../../../src/proofs/password/policy.ts';

const POLICY = { minLength: 8 };
const ALICE = {
  email: 'alice.smith+shop@example.com',
  name: 'Alice Brückner',
  serviceName: 'Acme',
};
const check = (password: string) => checkPassword(POLICY, password, ALICE);

describe('PW-6 length', () => {
  test.each([
    ['seven characters', 'qxv7zkp', ['TOO_SHORT']],
    ['eight', 'qxv7zkpw', []],
    ['seven of four bytes', '🦊🐙🦉🐝🦋🐢🦀', ['TOO_SHORT']],
    ['eight of four bytes', '🦊🐙🦉🐝🦋🐢🦀🐌', []],
    ['eight that normalize to four', 'e\u0301o\u0308a\u0300u\u0302', ['TOO_SHORT']],
    ['nothing', '', ['TOO_SHORT']],
    ['256', `${'kx'.repeat(100)}${'word by word '.repeat(4)}last`, []],
    ['257', `${'kx'.repeat(100)}${'word by word '.repeat(4)}last.`, ['TOO_LONG']],
    ['256 of four bytes, 1024 bytes', `${'🦊🐙🦉🐝🦋🐢🦀🐌'.repeat(31)}🐌🦀🐢🦋🐝🦉🐙🦊`, []],
    ['15 that normalize to 270', '\ufdfa'.repeat(15), ['TOO_LONG']],
  ])('%s', (_, password, expected) => {
    expect(check(password)).toEqual(expected);
  });

  test('a megabyte is refused in no time', () => {
    check('warm up, and read the list');
    const startedAt = performance.now();
    for (const unit of ['x', 'é', '\ufdfa', '🔑']) {
      expect(check(unit.repeat(1_000_000))).toEqual(['TOO_LONG']);
    }
    expect(performance.now() - startedAt).toBeLessThan(50);
  });

  test('counts to the length that is set', () => {
    expect(checkPassword({ minLength: 15 }, 'gravel tundra 7', ALICE)).toEqual([]);
    expect(checkPassword({ minLength: 15 }, 'gravel tundra7', ALICE)).toEqual(['TOO_SHORT']);
  });
});

describe('PW-7 no composition rules', () => {
  test.each([
    'gravel tundra quill',
    'kzrwplmqvb',
    '83910274665',
    'ночной поезд идёт',
    '夜行列車は静かに走る',
    'nul\0in the midst',
    '   kzrwplmqv   ',
    'alice went to the market',
    'my acme account, by the river',
    'malicent-gravel',
  ])('accepts %j', (password) => {
    expect(check(password)).toEqual([]);
  });
});

describe('PW-8 common passwords', () => {
  test.each([
    ['listed', 'iloveyou'],
    ['listed, 15 or longer', '1qaz2wsx3edc4rfv'],
    ['another case', 'ILoveYou'],
    ['full width', 'ｉｌｏｖｅｙｏｕ'],
    ['substitutions', '1l0v3y0u'],
    ['substitutions and an affix', 'P@$$w0rd!'],
    ['a year', 'Summer2024!'],
    ['one for l', 'we1come2024'],
    ['a listed number', 'password123456'],
    ['both ends', '#1sunshine99'],
    ['a repeated unit', 'abcabcabcabc'],
    ['one character', 'x'.repeat(40)],
    ['a repeated listed word', 'sunshinesunshinesunshine'],
  ])('%s', (_, password) => {
    expect(check(password)).toEqual(['COMMON']);
  });
});

describe('PW-8 context words', () => {
  test.each([
    ['the local part', 'alice.smith'],
    ['a part of it with a year', 'Alice2026!'],
    ['another part, twice', 'smithSMITH1'],
    ['the whole address part with punctuation', '*alice_smith_shop*'],
    ['the name', 'brückner77'],
    ['the name, decomposed', 'bru\u0308ckner-77'],
    ['the service', 'acme-acme!'],
    ['words of several kinds', 'alice@acme1'],
  ])('%s', (_, password) => {
    expect(check(password)).toContain('CONTAINS_PERSONAL_DATA');
  });

  test('a word within a longer one does not hide it', () => {
    const context = { email: 'anna@example.com', name: 'Annabelle', serviceName: '' };
    expect(checkPassword(POLICY, 'annabelle84', context)).toContain('CONTAINS_PERSONAL_DATA');
  });

  test('asks for no more than is known', () => {
    expect(checkPassword(POLICY, 'gravel tundra', { serviceName: '' })).toEqual([]);
    expect(
      checkPassword(POLICY, 'gravel tundra', { email: '@', name: null, serviceName: '' }),
    ).toEqual([]);
  });

  test('does not mind that a name is full of signs with a meaning in patterns', () => {
    const context = { email: '(a+)+$.*[@x.y', name: '$& $1 \\', serviceName: '^$' };
    expect(checkPassword(POLICY, 'gravel tundra', context)).toEqual([]);
  });
});

test('is quick for whatever fits', () => {
  const worst = ['a'.repeat(255), `${'a1'.repeat(127)}b`, '1'.repeat(255), `${'ab'.repeat(120)}c`];
  const startedAt = performance.now();
  for (const password of worst) check(`${password}!`);
  expect(performance.now() - startedAt).toBeLessThan(50);
});

describe('requireStrongPassword', () => {
  const password = {
    minLength: 8,
    breachCheck: false,
    memoryKib: 19_456,
    iterations: 2,
    hashConcurrency: 1,
    hashQueue: 1,
  };
  const config = { password, appName: 'Skylark Post', appUrl: 'https://app.wonderful.example' };
  const owner = { email: 'bob@example.com' };

  test.each([
    ['qxv7zkp', ['TOO_SHORT']],
    ['skylark2026', ['COMMON', 'CONTAINS_PERSONAL_DATA']],
    ['Wonderful-1', ['COMMON', 'CONTAINS_PERSONAL_DATA']],
  ])('refuses %s with every reason, in fixed words', async (weak, reasons) => {
    const asked: string[] = [];
    const breachCheck = async (password: string) => asked.push(password) > 0;
    const attempt = requireStrongPassword({ config, breachCheck }, weak, owner);
    await expect(attempt).rejects.toThrow(WeakPasswordError);
    await expect(attempt).rejects.toMatchObject({
      reasons,
      message: 'Choose a different password.',
    });
    expect(asked).toEqual([]);
  });

  test('lets a good one pass, with the breach check on or off', async () => {
    for (const breachCheck of [null, async () => false]) {
      await requireStrongPassword({ config, breachCheck }, 'gravel tundra quill', owner);
    }
  });

  test('PW-9: refuses a breached one that no list has', async () => {
    const deps = { config, breachCheck: async () => true };
    const attempt = requireStrongPassword(deps, 'gravel tundra quill', owner);
    await expect(attempt).rejects.toMatchObject({ reasons: ['BREACHED'] });
  });
});
