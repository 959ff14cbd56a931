using Npgsql;

namespace GrainSensors.Benchmarks.Latency;

/// <summary>Looks into the table of alerts every few milliseconds.</summary>
internal static class AlertTableWatch
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Goes on until it is cancelled.</summary>
    public static async Task RunAsync(NpgsqlDataSource database, AlertSightings sightings, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval);
        var since = DateTime.UtcNow;
        while (true)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            await using var command = database.CreateCommand("SELECT sensor_id, updated_at FROM alerts WHERE updated_at >= $1");
            command.Parameters.Add(new() { Value = since.AddSeconds(-1) });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                sightings.Add(reader.GetInt32(0));
                since = reader.GetDateTime(1) > since ? reader.GetDateTime(1) : since;
            }
        }
    }
}
