using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>refusals</c> in SQLite.</summary>
internal static class SqliteRefusals
{
    public static IReadOnlyList<Refusal> Read(SqliteConnection connection, SourceId source)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT log_offset, message_index, reason, refused_at FROM refusals
            WHERE topic_id = $topic AND partition = $partition AND incarnation = $incarnation
            """;
        AddSource(command, source);
        using var reader = command.ExecuteReader();
        var refusals = new List<Refusal>();
        while (reader.Read())
        {
            refusals.Add(new(reader.GetInt64(0), reader.GetInt32(1), RejectReasons.Parse(reader.GetString(2)), reader.GetInt64(3)));
        }

        return refusals;
    }

    /// <inheritdoc cref="Windows.IWindowStore.WriteRefusalsAsync"/>
    public static bool Write(
        SqliteConnection connection, SourceId source, IReadOnlyList<Refusal> refusals, IReadOnlyList<long> tokens, Guid life)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        using var owned = connection.CreateCommand();
        owned.CommandText =
            $"""
            SELECT EXISTS (SELECT 1 FROM checkpoints WHERE topic_id = $topic AND partition = $partition
                AND token IN ({string.Join(", ", tokens)}) AND EXISTS (SELECT 1 FROM store_life WHERE id = $life))
            """;
        AddSource(owned, source);
        owned.Parameters.AddWithValue("$life", life.ToString("N"));
        if ((long)owned.ExecuteScalar()! == 0)
        {
            return false;
        }

        using var insert = connection.CreateCommand();
        insert.CommandText =
            """
            INSERT INTO refusals (topic_id, partition, incarnation, log_offset, message_index, reason, refused_at)
            VALUES ($topic, $partition, $incarnation, $offset, $index, $reason, $at)
            ON CONFLICT DO NOTHING
            """;
        AddSource(insert, source);
        var (offset, index) = (insert.Parameters.Add("$offset", SqliteType.Integer), insert.Parameters.Add("$index", SqliteType.Integer));
        var (reason, at) = (insert.Parameters.Add("$reason", SqliteType.Text), insert.Parameters.Add("$at", SqliteType.Integer));
        foreach (var refusal in refusals)
        {
            (offset.Value, index.Value) = (refusal.Offset, refusal.Index);
            (reason.Value, at.Value) = (refusal.Reason.ToToken(), refusal.RefusedAt);
            insert.ExecuteNonQuery();
        }

        transaction.Commit();
        return true;
    }

    /// <summary>Removes the refusals below an offset, and those of other incarnations.</summary>
    public static void Remove(SqliteConnection connection, SourceId source, long below)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            DELETE FROM refusals
            WHERE topic_id = $topic AND partition = $partition AND (log_offset < $below OR incarnation <> $incarnation)
            """;
        AddSource(command, source);
        command.Parameters.AddWithValue("$below", below);
        command.ExecuteNonQuery();
    }

    private static void AddSource(SqliteCommand command, SourceId source)
    {
        command.Parameters.AddWithValue("$topic", source.TopicId.ToString());
        command.Parameters.AddWithValue("$partition", source.Partition);
        command.Parameters.AddWithValue("$incarnation", source.Incarnation);
    }
}
