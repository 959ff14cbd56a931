using System.Globalization;
using System.Text.Json;

namespace GrainSensors.Reconciliation.Spark.Job;

/// <summary>Partitions and offsets as Spark's Kafka source takes them: <c>{"sensor-data":{"0":17,"1":4}}</c>.</summary>
public static class KafkaOffsets
{
    /// <returns>For <c>assign</c>: which partitions are read. Those without an offset to read are left out.</returns>
    public static string Assignment(JobOptions options) => Json(options, new Dictionary<string, int[]>
    {
        [options.Topic] = [.. options.Ranges.Where(IsRead).Select(range => range.Key)],
    });

    /// <returns>For <c>startingOffsets</c>.</returns>
    public static string Starting(JobOptions options) => Offsets(options, range => range.Begin);

    /// <returns>For <c>endingOffsets</c>, exclusive.</returns>
    public static string Ending(JobOptions options) => Offsets(options, range => range.End);

    /// <returns>Whether there is anything to read: the source takes no empty assignment.</returns>
    public static bool Any(JobOptions options) => options.Ranges.Any(IsRead);

    private static string Offsets(JobOptions options, Func<JobRange, long> offset) => Json(options, new Dictionary<string, Dictionary<string, long>>
    {
        [options.Topic] = options.Ranges.Where(IsRead)
            .ToDictionary(range => range.Key.ToString(CultureInfo.InvariantCulture), range => offset(range.Value)),
    });

    private static string Json<T>(JobOptions options, T value) => Any(options)
        ? JsonSerializer.Serialize(value)
        : throw new ArgumentException("No partition has an offset to read.", nameof(options));

    private static bool IsRead(KeyValuePair<int, JobRange> range) => range.Value.End > range.Value.Begin;
}
