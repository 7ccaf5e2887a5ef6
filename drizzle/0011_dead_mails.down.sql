DROP INDEX "mail_outbox_dead_index";
