namespace GrainSensors.Sources.Results;

/// <summary>Takes the readings of one message after the other.</summary>
/// <remarks>
/// The spans are valid during the call only. A reading is complete when the next call of <see cref="Reading"/> or <see cref="Reject"/>
/// comes, or when the message ends. Its values have been checked before, so a reading that has begun is never rejected.
/// </remarks>
public interface IReadingSink
{
    /// <summary>Begins a reading; its values follow.</summary>
    /// <param name="index">The number of the reading in its message, from 0, rejected ones included.</param>
    /// <param name="sensor">The id or the name of the sensor in UTF-8.</param>
    /// <param name="micros">The event time, µs since the epoch; <see cref="Messages.SourceMessage.NoTime"/>: none is known.</param>
    void Reading(int index, ReadOnlySpan<byte> sensor, long micros);

    /// <param name="name">
    /// The name of the measurement in UTF-8, as members of readings may have it. A reading has it once.
    /// </param>
    /// <param name="value">A finite number.</param>
    void Value(ReadOnlySpan<byte> name, double value);

    /// <summary>The sensor reports that the measurement has no value.</summary>
    void Null(ReadOnlySpan<byte> name);

    /// <param name="index">The number of the rejected reading; <see cref="WholeMessage"/>: the message has no readings.</param>
    /// <param name="detail">A clause without a full stop, safe to print: what is wrong, and the offending value.</param>
    void Reject(int index, SourceRejectReason reason, string detail);

    /// <summary>The index of a rejection that concerns the whole message.</summary>
    const int WholeMessage = -1;
}
