using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>
/// Makes the statements of a batch look rows up by key, one after the other. Left to itself the planner, which takes a
/// day for as empty as it was when it was last analysed, scans and sorts the whole day for every batch (20 times slower).
/// </summary>
/// <remarks>
/// Planning anew each time costs a millisecond and leaves out the days that the batch does not touch; a generic plan
/// would lock all of them at every execution. Going through the keys in their order is also what keeps two silos from
/// locking the same rows in different orders.
/// The settings last as long as the batch's transaction, so connections that are shared go back as they were.
/// </remarks>
internal static class IndexLookupPlan
{
    private const string Settings =
        """
        SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_hashjoin', 'off', true),
            set_config('enable_mergejoin', 'off', true), set_config('enable_seqscan', 'off', true),
            set_config('enable_bitmapscan', 'off', true), set_config('enable_material', 'off', true), set_config('jit', 'off', true)
        """;

    /// <summary>The first command of the batch.</summary>
    public static NpgsqlBatchCommand Command() => new(Settings);
}
