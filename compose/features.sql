-- Run by the database at its first start. A role that reads the features and nothing else, one that owns the store of jobs, and a
-- sample table that describes no real person. Load tables of your own in the same way, or at any time:
--
--   docker compose exec -T db psql -U postgres features -c '\copy mytable FROM STDIN CSV HEADER' < mytable.csv
--
-- and GRANT SELECT ON mytable TO reader.
CREATE ROLE reader LOGIN PASSWORD 'reader';
CREATE ROLE service LOGIN PASSWORD 'service';
CREATE DATABASE service OWNER service;
CREATE DATABASE features;
\connect features
CREATE TABLE raw (patient_id text, sex text, age text, birth_date text, visit text, site text, smoker text, education_years text, hippocampus_ml text,
    ventricles_ml text, mmse text, apoe4 text, referral_code text, study text, diagnosis text);
COPY raw FROM '/sample/clinic.csv' WITH (FORMAT csv, HEADER, NULL 'NA');
CREATE TABLE clinic AS SELECT patient_id::varchar(20), sex::char(1), NULLIF(age, '')::int AS age, to_date(NULLIF(birth_date, ''), 'DD.MM.YYYY') AS birth_date,
    NULLIF(visit, '')::timestamp AS visit, site::varchar(40), NULLIF(smoker, '')::varchar(3) AS smoker, NULLIF(education_years, '')::int AS education_years,
    NULLIF(hippocampus_ml, '')::numeric AS hippocampus_ml, NULLIF(ventricles_ml, '')::numeric AS ventricles_ml, NULLIF(mmse, '')::int AS mmse,
    NULLIF(apoe4, '')::int AS apoe4, referral_code::varchar(10), study::varchar(20), NULLIF(diagnosis, '')::varchar(20) AS diagnosis FROM raw;
DROP TABLE raw;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reader;
