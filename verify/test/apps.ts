import type { RequestListener } from 'node:http';
import express from 'express';
import fastify from 'fastify';
import { createSchema, createYoga } from 'graphql-yoga';
import { type ExpressRequest, requireAccessToken } from '../src/express.ts';
import { type FastifyRequest, requireAccessToken as fastifyHook } from '../src/fastify.ts';
import type { Verifier } from '../src/index.ts';
import { type AuthContext, requireAuth, useLatchkey } from '../src/yoga.ts';

/** A resource server with Express: GET /me. */
export function expressApp(verifier: Verifier): RequestListener {
  const app = express();
  app.get('/me', requireAccessToken(verifier), (request: ExpressRequest, response) => {
    response.json({ userId: request.auth?.userId });
  });
  return app;
}

/** A resource server with Fastify: GET /me. */
export async function fastifyApp(verifier: Verifier) {
  const app = fastify();
  app.addHook('onRequest', fastifyHook(verifier));
  app.get('/me', async (request: FastifyRequest) => ({ userId: request.auth?.userId }));
  await app.ready();
  const listener: RequestListener = (request, response) => app.routing(request, response);
  return { app, listener };
}

/** A resource server with GraphQL Yoga: one open field, one protected. */
export function yogaApp(verifier: Verifier) {
  return createYoga({
    logging: false,
    plugins: [useLatchkey(verifier)],
    schema: createSchema<AuthContext>({
      typeDefs: 'type Query { greeting: String! me: ID! }',
      resolvers: {
        Query: {
          greeting: (_root, _args, { auth }) => `Hello, ${auth?.userId ?? 'whoever you are'}.`,
          me: (_root, _args, context) => requireAuth(context).userId,
        },
      },
    }),
  });
}
