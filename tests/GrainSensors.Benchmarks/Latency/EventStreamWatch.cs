using System.Text.Json;

namespace GrainSensors.Benchmarks.Latency;

/// <summary>Listens to the Server-Sent Events of a silo, those of alerts, as a page does.</summary>
internal static class EventStreamWatch
{
    private const string Data = "data: ";

    /// <summary>Goes on until it is cancelled.</summary>
    /// <param name="page">Of the silo.</param>
    public static async Task RunAsync(Uri page, AlertSightings sightings, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = page, Timeout = Timeout.InfiniteTimeSpan };
        await using var stream = await http.GetStreamAsync(new Uri("/api/v1/events?type=alert", UriKind.Relative), cancellationToken);
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            // A ping has no data but null.
            if (line.StartsWith(Data + '{', StringComparison.Ordinal))
            {
                using var json = JsonDocument.Parse(line.AsMemory(Data.Length));
                sightings.Add(json.RootElement.GetProperty("sensor_id").GetInt32());
            }
        }

        throw new IOException("The silo has ended the event stream.");
    }
}
