namespace GrainSensors.Storage.Versions;

/// <summary>The SQL that PostgreSQL and SQLite share.</summary>
internal static class MessageVersionStatements
{
    /// <summary>Another silo that adds a version at the same time takes the number; the statement fails then and is repeated.</summary>
    public const string Add =
        """
        INSERT INTO message_versions (topic_id, partition, version, first_offset, settled_offset, meaning)
        SELECT $1, $2, n.last + 1, $3, $4, $5
        FROM (SELECT coalesce(max(version), 0) AS last FROM message_versions WHERE topic_id = $1 AND partition = $2) AS n
        WHERE NOT EXISTS (
            SELECT 1 FROM message_versions AS v
            WHERE v.topic_id = $1 AND v.partition = $2 AND v.version = n.last AND v.meaning = $5 AND v.first_offset <= $3)
        """;

    public const string Read =
        "SELECT partition, first_offset, settled_offset, meaning FROM message_versions WHERE topic_id = $1 ORDER BY partition, version";
}
