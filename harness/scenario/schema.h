/*
 * The language described by its own tables: a JSON Schema for editors and
 * the reference tables of scenarios/README.md and README.md.
 */
#ifndef MXD_SCENARIO_SCHEMA_H
#define MXD_SCENARIO_SCHEMA_H

struct sbuf;

void	 schema_json(struct sbuf *);
/* Markdown, from the line REFERENCE_BEGIN to REFERENCE_END. */
#define REFERENCE_BEGIN	"<!-- reference: made from the tables -->\n"
#define REFERENCE_END	"<!-- end of reference -->\n"
void	 schema_reference(struct sbuf *);
/* The same for the verdicts alone. */
#define VERDICTS_BEGIN	"<!-- verdicts: made from the tables -->\n"
#define VERDICTS_END	"<!-- end of verdicts -->\n"
void	 schema_verdicts(struct sbuf *);

#endif
