import type { RequestListener } from 'node:http';
import express from 'express';
import fastify from 'fastify';
import { createSchema, createYoga } from 'graphql-yoga';
import { Hono } from 'hono';
import { authOf, requireAccessToken } from '../src/express.ts';
import { authOf as fastifyAuthOf, requireAccessToken as fastifyHook } from '../src/fastify.ts';
import { requireAccessToken as honoMiddleware } from '../src/hono.ts';
import type { Verifier } from '../src/index.ts';
import { type AuthContext, requireAuth, useLatchkey } from '../src/yoga.ts';

/** A resource server with Express: GET /me. */
export function expressApp(verifier: Verifier): RequestListener {
  const app = express();
  // Typed without a word: `request.auth` comes with the import.
  app.get('/me', requireAccessToken(verifier), (request, response) => {
    const { userId } = authOf(request);
    response.json({ userId, methods: request.auth?.methods });
  });
  return app;
}

/** A resource server with Fastify: GET /me. */
export async function fastifyApp(verifier: Verifier) {
  const app = fastify();
  app.decorateRequest('auth', null);
  app.addHook('onRequest', fastifyHook(verifier));
  app.get('/me', async (request) => {
    const { userId } = fastifyAuthOf(request);
    return { userId, methods: request.auth?.methods };
  });
  await app.ready();
  const listener: RequestListener = (request, response) => app.routing(request, response);
  return { app, listener };
}

/** A resource server with Hono: GET /me. */
export function honoApp(verifier: Verifier) {
  return new Hono().get('/me', honoMiddleware(verifier), (context) => {
    const { userId, methods } = context.var.auth;
    return context.json({ userId, methods });
  });
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
