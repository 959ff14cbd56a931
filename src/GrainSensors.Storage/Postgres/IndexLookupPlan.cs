using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>
/// Makes the statements of a batch look up rows by key, one after the other. The planner's statistics are as old as the last
/// ANALYZE. By default it takes the current day for empty, then scans and sorts the whole day for every batch (20 times slower).
/// </summary>
/// <remarks>
/// A custom plan costs a millisecond and excludes the days that the batch does not touch. A generic plan would lock the
/// partitions of all days. The lookups follow the order of the keys, so two silos lock the same rows in the same order. The
/// settings end with the transaction of the batch and do not affect other users of the connection.
/// </remarks>
internal static class IndexLookupPlan
{
    private const string Settings =
        """
        SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_hashjoin', 'off', true),
            set_config('enable_mergejoin', 'off', true), set_config('enable_seqscan', 'off', true),
            set_config('enable_bitmapscan', 'off', true), set_config('enable_material', 'off', true), set_config('jit', 'off', true)
        """;

    /// <summary>The command that a batch begins with.</summary>
    public static NpgsqlBatchCommand Command() => new(Settings);
}
