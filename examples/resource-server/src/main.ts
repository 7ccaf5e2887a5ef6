import { createServer } from 'node:http';
import { createVerifier } from '@latchkey/verify';
import { createApi } from './api.ts';

const issuer = process.env['ISSUER'] ?? 'http://localhost:4000';
const audience = process.env['AUDIENCE'] ?? issuer;
const port = Number(process.env['PORT'] ?? 4001);

const server = createServer(createApi(createVerifier({ issuer, audience })));
server.listen(port, '127.0.0.1', () => {
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  console.log(`Resource server at http://localhost:${bound}/graphql, tokens of ${issuer}`);
});
