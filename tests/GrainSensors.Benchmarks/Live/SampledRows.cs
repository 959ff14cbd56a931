using Npgsql;

namespace GrainSensors.Benchmarks.Live;

/// <summary>
/// Looks again and again how many readings the rows of some sensors hold. A live feeder sends each sensor's readings in
/// turn and every count is a reading's number, so it is known when each became visible to whoever reads the table.
/// </summary>
/// <param name="sensors">Of all of them; the sample is of those whose id is a multiple of the stride.</param>
internal sealed class SampledRows(NpgsqlDataSource database, int sensors, int stride)
{
    private const string Counts =
        "SELECT sensor_id, sum(sample_count)::bigint FROM sensor_windows "
        + "WHERE sensor_id = ANY($1) AND metric = 'temperature' AND window_start >= $2 GROUP BY sensor_id";

    private static readonly TimeSpan LongestWindow = TimeSpan.FromDays(1);

    private readonly DateTime _since = DateTime.UtcNow - LongestWindow;
    private readonly Dictionary<int, long> _counts =
        Enumerable.Range(0, ((sensors - 1) / stride) + 1).ToDictionary(number => number * stride, _ => 0L);

    /// <summary>A reading that a row has been seen to hold.</summary>
    /// <param name="Index">Its number among all readings.</param>
    public readonly record struct Seen(int Sensor, long Index);

    public int Sample => _counts.Count;

    /// <returns>Whether the rows hold each of the first readings, and nothing else.</returns>
    public bool Hold(long readings) => _counts.All(row => row.Value == CountOf(row.Key, readings));

    /// <returns>Whether the rows hold each of the first readings, and perhaps later ones.</returns>
    public bool HoldAtLeast(long readings) => _counts.All(row => row.Value >= CountOf(row.Key, readings));

    /// <returns>Whether a row holds more of a sensor's readings than were sent: one is counted twice.</returns>
    public bool HoldMoreThan(long readings) => _counts.Any(row => row.Value > CountOf(row.Key, readings));

    /// <summary>Looks once.</summary>
    /// <returns>The readings that the rows have taken since.</returns>
    public async Task<List<Seen>> LookAsync(CancellationToken cancellationToken)
    {
        var seen = new List<Seen>();
        await using var command = database.CreateCommand(Counts);
        command.Parameters.Add(new() { Value = _counts.Keys.ToArray() });
        command.Parameters.Add(new() { Value = _since });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (sensor, count) = (reader.GetInt32(0), reader.GetInt64(1));
            for (var number = _counts[sensor]; number < count; number++)
            {
                seen.Add(new(sensor, (number * sensors) + sensor));
            }

            _counts[sensor] = count;
        }

        return seen;
    }

    private long CountOf(int sensor, long readings) => readings <= sensor ? 0 : ((readings - sensor - 1) / sensors) + 1;
}
