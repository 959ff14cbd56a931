using System.Collections.Concurrent;
using Confluent.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Kafka;

/// <summary>
/// Which errors of the clients deserve a line in the log: while a broker is out each client tells of every attempt to
/// connect, several times a second.
/// </summary>
internal sealed class RepeatedErrors(TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<ErrorCode, long> _logged = new();

    /// <returns>Whether the kind of error has not been logged for a while.</returns>
    public bool MustBeLogged(Error error)
    {
        var now = clock.GetTimestamp();
        return _logged.TryAdd(error.Code, now)
            || (_logged[error.Code] is var last && clock.GetElapsedTime(last, now) >= Interval && _logged.TryUpdate(error.Code, now, last));
    }
}
