using Microsoft.Extensions.Logging;

namespace GrainSensors.Grains.Sensors;

/// <summary>
/// Logs the beginning and the end of an outage of Kafka once per silo, instead of every second for each simulated sensor.
/// </summary>
public sealed partial class PublishOutage(TimeProvider clock, ILogger<PublishOutage> logger)
{
    /// <summary>The time without a failure after which an outage is over.</summary>
    /// <remarks>While some partitions are unavailable, the readings of other sensors succeed, which must not end the outage.</remarks>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private volatile string? _cause;
    private long _lastFailure;
    private long _missing;

    /// <summary>The cause of the current outage; null if there is none.</summary>
    public string? Cause => _cause;

    public void Failed(Exception cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        lock (_lock)
        {
            _lastFailure = clock.GetTimestamp();
            _missing++;
            if (_cause is not null)
            {
                return;
            }

            _cause = cause.Message;
        }

        LogBegun(logger, cause.Message);
    }

    public void Succeeded()
    {
        if (_cause is null)
        {
            return;
        }

        long missing;
        lock (_lock)
        {
            if (_cause is null || clock.GetElapsedTime(_lastFailure) < Quiet)
            {
                return;
            }

            (_cause, missing, _missing) = (null, _missing, 0);
        }

        LogEnded(logger, missing);
    }

    [LoggerMessage(3101, LogLevel.Warning, "Publishing readings of simulated sensors failed and will be retried: {Reason}")]
    private static partial void LogBegun(ILogger logger, string reason);

    [LoggerMessage(
        3102, LogLevel.Information, "Readings of simulated sensors are published again; readings not published: {Missing}")]
    private static partial void LogEnded(ILogger logger, long missing);
}
