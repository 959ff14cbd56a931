using System.Diagnostics.Tracing;

namespace GrainSensors.Benchmarks.Metering;

/// <summary>The longest time for which the garbage collector has suspended the process, by the runtime's own events.</summary>
internal sealed class CollectionPauses : EventListener
{
    private const EventKeywords Collections = (EventKeywords)0x1;
    private const int CollectionStart = 1;
    private const int RestartEnd = 3;
    private const int SuspendBegin = 9;

    private DateTime _suspended;
    private int _generation;
    private long _longest;
    private long _longestFull;

    /// <returns>Since it was asked last, µs.</returns>
    public long TakeLongest() => Interlocked.Exchange(ref _longest, 0);

    /// <returns>Of a suspension in which a collection of generation 2 began, since it was asked last, µs.</returns>
    public long TakeLongestFull() => Interlocked.Exchange(ref _longestFull, 0);

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
        {
            EnableEvents(eventSource, EventLevel.Informational, Collections);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        switch (eventData.EventId)
        {
            case SuspendBegin:
                (_suspended, _generation) = (eventData.TimeStamp, -1);
                break;
            case CollectionStart:
                _generation = Math.Max(
                    _generation, Convert.ToInt32(eventData.Payload![1], System.Globalization.CultureInfo.InvariantCulture));
                break;
            case RestartEnd when _suspended != default:
                var micros = (long)(eventData.TimeStamp - _suspended).TotalMicroseconds;
                _longest = Math.Max(_longest, micros);
                _longestFull = _generation == 2 ? Math.Max(_longestFull, micros) : _longestFull;
                break;
            default:
                break;
        }
    }
}
