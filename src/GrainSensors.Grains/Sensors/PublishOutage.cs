using Microsoft.Extensions.Logging;

namespace GrainSensors.Grains.Sensors;

/// <summary>
/// Says once per silo that the log takes no readings and once that it does again: 10,000 simulated sensors would say
/// it every second.
/// </summary>
public sealed partial class PublishOutage(TimeProvider clock, ILogger<PublishOutage> logger)
{
    /// <summary>
    /// Without a failure for so long, an outage is over. When a part of the log is out, the readings of other
    /// sensors succeed all the time and end nothing.
    /// </summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private volatile string? _cause;
    private long _lastFailure;
    private long _missing;

    /// <summary>Why the log takes no readings at present; null: it takes them.</summary>
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

    [LoggerMessage(3101, LogLevel.Warning, "Readings of simulated sensors are not published, and go on to be tried: {Reason}")]
    private static partial void LogBegun(ILogger logger, string reason);

    [LoggerMessage(3102, LogLevel.Information, "Readings of simulated sensors are published again; {Missing} are missing")]
    private static partial void LogEnded(ILogger logger, long missing);
}
