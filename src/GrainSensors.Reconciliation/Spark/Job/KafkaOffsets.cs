using System.Globalization;
using System.Text.Json;

namespace GrainSensors.Reconciliation.Spark.Job;

/// <summary>Partitions and offsets in the notation of Spark's Kafka source: <c>{"sensor-data":{"0":17,"1":4}}</c>.</summary>
public static class KafkaOffsets
{
    /// <returns>The option <c>assign</c>: the partitions with offsets to read.</returns>
    public static string Assignment(JobOptions options) => Json(options, new Dictionary<string, int[]>
    {
        [options.Topic] = [.. options.Ranges.Where(IsRead).Select(range => range.Key)],
    });

    /// <returns>The option <c>startingOffsets</c>.</returns>
    public static string Starting(JobOptions options) => Offsets(options, range => range.Begin);

    /// <returns>The option <c>endingOffsets</c>, exclusive.</returns>
    public static string Ending(JobOptions options) => Offsets(options, range => range.End);

    /// <returns>True if there is an offset to read. The Kafka source refuses an empty assignment.</returns>
    public static bool Any(JobOptions options) => options.Ranges.Any(IsRead);

    private static string Offsets(JobOptions options, Func<JobRange, long> offset)
    {
        var offsets = options.Ranges.Where(IsRead)
            .ToDictionary(range => range.Key.ToString(CultureInfo.InvariantCulture), range => offset(range.Value));
        return Json(options, new Dictionary<string, Dictionary<string, long>> { [options.Topic] = offsets });
    }

    private static string Json<T>(JobOptions options, T value) => Any(options)
        ? JsonSerializer.Serialize(value)
        : throw new ArgumentException("No partition has an offset to read.", nameof(options));

    private static bool IsRead(KeyValuePair<int, JobRange> range) => range.Value.End > range.Value.Begin;
}
