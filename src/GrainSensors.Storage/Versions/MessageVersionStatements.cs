namespace GrainSensors.Storage.Versions;

/// <summary>The SQL that PostgreSQL and SQLite share.</summary>
internal static class MessageVersionStatements
{
    public const string Read =
        "SELECT partition, first_offset, settled_offset, meaning FROM message_versions WHERE topic_id = $1 ORDER BY partition, version";
}
