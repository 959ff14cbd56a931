using GrainSensors.Reconciliation.Model;
using GrainSensors.Reconciliation.Parsing;

namespace GrainSensors.Reconciliation.Local;

/// <summary>Decides which messages are readings, and collects those that the stream and the engine classify differently.</summary>
internal sealed class MessageClassifier(DeadLetterOffsets deadLetters)
{
    /// <summary>A report with more disagreements is of no further use.</summary>
    private const int MaxDisagreements = 10_000;

    private readonly List<ParseDisagreement> _disagreements = [];

    public IReadOnlyList<ParseDisagreement> Disagreements => _disagreements;

    /// <returns>True if both the stream and the engine accept the message.</returns>
    public bool IsReading(int partition, long offset, in ParsedMessage message)
    {
        if (deadLetters.TryFind(partition, offset, out var deadLetter) && deadLetter.IsAbout(message))
        {
            if (message.IsReading && deadLetter.DependsOnContents)
            {
                Add(partition, offset, false, $"rejected by the stream as {deadLetter.Reason}, accepted by the engine");
            }

            return false;
        }

        // An older release took a message without a measurement for a disconnected probe. It belongs to no window either way.
        if (!message.IsReading && message.Fault != ContractParser.NoMeasurement && !deadLetters.AreIncomplete)
        {
            Add(partition, offset, true, $"accepted by the stream, rejected by the engine: {message.Fault}");
        }

        return message.IsReading;
    }

    private void Add(int partition, long offset, bool takenByStream, string why)
    {
        if (_disagreements.Count < MaxDisagreements)
        {
            _disagreements.Add(new(new(partition, offset), takenByStream, why));
        }
    }
}
