namespace GrainSensors.Storage.Versions;

/// <summary>The SQL that PostgreSQL and SQLite share.</summary>
internal static class MessageVersionStatements
{
    /// <summary>Removes the versions of a source without a checkpoint.</summary>
    public const string Remove =
        $"""
        DELETE FROM message_versions WHERE topic_id = $1 AND partition = $2 AND NOT EXISTS ({Checkpoint})
        """;

    /// <summary>Sets the version of a source without a checkpoint.</summary>
    public const string Begin =
        $"""
        INSERT INTO message_versions (topic_id, partition, version, first_offset, settled_offset, meaning)
        SELECT $1, $2, 1, $3, $4, $5 WHERE NOT EXISTS ({Checkpoint})
        """;

    /// <summary>Another owner that adds a version at the same time takes the number; the statement fails then and is repeated.</summary>
    public const string Add =
        $"""
        INSERT INTO message_versions (topic_id, partition, version, first_offset, settled_offset, meaning)
        SELECT $1, $2, n.last + 1, CASE WHEN n.last = 0 THEN 0 ELSE $3 END, CASE WHEN n.last = 0 THEN 0 ELSE $4 END, $5
        FROM (SELECT coalesce(max(version), 0) AS last FROM message_versions WHERE topic_id = $1 AND partition = $2) AS n
        WHERE NOT EXISTS (
                SELECT 1 FROM message_versions AS v
                WHERE v.topic_id = $1 AND v.partition = $2 AND v.version = n.last AND v.meaning = $5 AND v.first_offset <= $3)
            AND ($6 IS NULL OR EXISTS ({Checkpoint} AND c.token = $6))
        """;

    public const string Read =
        "SELECT partition, first_offset, settled_offset, meaning FROM message_versions WHERE topic_id = $1 ORDER BY partition, version";

    private const string Checkpoint = "SELECT 1 FROM checkpoints AS c WHERE c.topic_id = $1 AND c.partition = $2";
}
