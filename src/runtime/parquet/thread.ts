/** A further thread that reads parquet: joins the job that it is given. */
import { type Job, readAll } from "./job.ts";

export const take = (job: Job): void => readAll(job);
