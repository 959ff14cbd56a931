using GrainSensors.Core.Readings;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Parsing;

/// <summary>Compares an engine's verdict on each message with that of the stream, and collects the differences.</summary>
/// <param name="engine">The name of the engine in a report.</param>
internal sealed class MessageClassifier(DeadLetterOffsets deadLetters, string engine)
{
    /// <summary>A report with more disagreements is of no further use.</summary>
    private const int MaxDisagreements = 10_000;

    private readonly List<ParseDisagreement> _disagreements = [];

    public IReadOnlyList<ParseDisagreement> Disagreements => _disagreements;

    /// <summary>There are more disagreements than the list holds.</summary>
    public bool HasMore { get; private set; }

    /// <param name="isReading">Whether the message is one reading for the engine.</param>
    /// <returns>The dead letter of a message; null: it has none.</returns>
    public DeadLetterOffsets.DeadLetter? LetterOf(LogPlace place, ReadOnlySpan<byte> bytes, bool isReading) =>
        deadLetters.Find(place) is { } letter && letter.IsAbout(bytes, isReading) ? letter : null;

    /// <summary>Compares the verdict of an engine that parses with an <see cref="IMessageParser"/>.</summary>
    /// <returns>True if both the stream and the engine accept the reading.</returns>
    public bool IsReading(in MessageNumbering.Item item)
    {
        var (place, index, message, letter, written) = item;
        if (letter?.Has(index) == true)
        {
            if (message.IsReading && letter.Explains(index))
            {
                AddAccepted(place, letter, message, written);
            }

            return false;
        }

        if (!message.IsReading)
        {
            AddRejected(place, message, written);
        }

        return message.IsReading;
    }

    /// <summary>
    /// Adds a reading that no side rejects, of a sensor that has no number, so that it is in no row. Where dead letters may be missing,
    /// it may have one.
    /// </summary>
    public void AddUnnumbered(LogPlace place, in ParsedMessage message, long written)
    {
        if (!deadLetters.AreIncomplete)
        {
            Add(new(place, false, $"of sensor {message.Name}, whose name has no number", written), null);
        }
    }

    /// <summary>Compares the verdict of an engine with a parser of its own.</summary>
    /// <param name="accepts">The engine accepts the message, and there is a dead letter; else it rejects it, and there is none.</param>
    /// <param name="message">The message; null if the log no longer holds it.</param>
    /// <param name="written">The time at which the message was written, µs since the epoch.</param>
    public void Compare(LogPlace place, bool accepts, in ParsedMessage? message, long written)
    {
        if (!accepts && message is { IsReading: true, HasOnlyOthers: true, Others.Count: > 0 })
        {
            return; // an engine with a parser of its own does not know measurements that are not declared
        }

        if (!accepts && message is { IsReading: true, Name: not null, SensorId: SensorName.NoNumber } unnumbered)
        {
            AddUnnumbered(place, unnumbered, written);
        }
        else if (!accepts)
        {
            AddRejected(place, message, written);
        }
        else if (deadLetters.Find(place) is { } deadLetter)
        {
            if (message is { } found && !deadLetter.IsAbout(found))
            {
                Add(new(place, true, $"left out by {engine} for a dead letter that is about another message", written), found);
            }
            else
            {
                AddAccepted(place, deadLetter, message ?? deadLetter.Contents, written);
            }
        }
    }

    private void AddAccepted(LogPlace place, DeadLetterOffsets.DeadLetter deadLetter, in ParsedMessage message, long written)
    {
        // Version 0.1 rejected every sensor that is not an integer, and knew declared measurements only.
        var isOfLaterForm = (message.IsOfLaterForm && deadLetter.Reason == "invalid-sensor-id")
            || (message.HasOnlyOthers && deadLetter.Reason == "no-measurement");
        if (deadLetter.DependsOnContents && !isOfLaterForm)
        {
            Add(new(place, false, $"rejected by the stream as {deadLetter.Reason}, accepted by {engine}", written), message);
        }
    }

    private void AddRejected(LogPlace place, in ParsedMessage? message, long written)
    {
        var why = message is { Fault: { } fault } ? $": {fault}" : "";
        if (message is { Fault: ParsedMessage.NoMeasurement })
        {
            return; // an earlier version of the stream accepted it; without a value it is in no window
        }

        // The schema may have been there when the stream read the message.
        if (message is { IsReading: true } or { Fault: ParsedMessage.NoSchema } || !deadLetters.AreIncomplete)
        {
            Add(new(place, true, $"accepted by the stream, rejected by {engine}{why}", written), message);
        }
    }

    private void Add(ParseDisagreement disagreement, in ParsedMessage? message)
    {
        if (_disagreements.Count == MaxDisagreements)
        {
            HasMore = true;
            return;
        }

        _disagreements.Add(message is { IsReading: true } reading
            ? disagreement with { Reading = new(reading.SensorId, reading.EventTime) }
            : disagreement);
    }
}
