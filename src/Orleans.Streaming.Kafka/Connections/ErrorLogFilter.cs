using System.Collections.Concurrent;
using Confluent.Kafka;

namespace Orleans.Streaming.Kafka;

/// <summary>
/// Suppresses repeated client errors: during a broker outage each client reports every connection attempt, several times a second.
/// </summary>
internal sealed class ErrorLogFilter(TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<Confluent.Kafka.ErrorCode, long> _logged = new();

    /// <returns>True for the first error of its code within 30 s.</returns>
    public bool MustBeLogged(Error error)
    {
        var now = clock.GetTimestamp();
        return _logged.TryAdd(error.Code, now)
            || (_logged[error.Code] is var last && clock.GetElapsedTime(last, now) >= Interval && _logged.TryUpdate(error.Code, now, last));
    }
}
