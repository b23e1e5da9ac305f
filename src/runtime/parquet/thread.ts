/** A further thread that reads parquet: joins the job that it is given. */
import { taking } from "../crew-task.ts";
import { type Job, readAll } from "./job.ts";

taking((job: Job) => readAll(job));
