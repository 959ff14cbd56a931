using GrainSensors.Core.Readings;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Parsing;

/// <summary>
/// Gives messages the numbers of their sensors' names. Those of names that it has not met wait for others, so that the store is asked
/// once for many.
/// </summary>
/// <param name="names">The numbers of names; null: no sensor has a name.</param>
/// <param name="take">Takes the messages, in any order; <see cref="SensorName.NoNumber"/> is the sensor of a name without a number.</param>
internal sealed class MessageNumbering(
    ISensorNames? names, Action<MessageNumbering.Item> take, CancellationToken cancellationToken)
{
    private const int MaxWaiting = 1000;

    private readonly Dictionary<string, int> _numbers = [];
    private readonly List<Item> _waiting = [];

    /// <param name="Index">The number of the reading in its message.</param>
    /// <param name="Letter">The dead letter of the message; null: it has none.</param>
    /// <param name="Written">The time at which the message was written, µs since the epoch.</param>
    public readonly record struct Item(
        LogPlace Place, int Index, ParsedMessage Message, DeadLetterOffsets.DeadLetter? Letter, long Written)
    {
        /// <summary>Whether the stream may have read the message in another way, too.</summary>
        public bool IsAmbiguous { get; init; }
    }

    public void Add(in Item item)
    {
        if (item.Message.Name is not { } name)
        {
            take(item);
        }
        else if (_numbers.TryGetValue(name, out var number))
        {
            take(item with { Message = item.Message with { SensorId = number } });
        }
        else
        {
            _waiting.Add(item);
            if (_waiting.Count == MaxWaiting)
            {
                Flush();
            }
        }
    }

    /// <summary>Ends the wait.</summary>
    public void Flush()
    {
        string[] wanted = [.. _waiting.Select(item => item.Message.Name!).Distinct()];
        var numbers = names?.FindAsync(wanted, cancellationToken).AsTask().GetAwaiter().GetResult();
        for (var i = 0; i < wanted.Length; i++)
        {
            _numbers.Add(wanted[i], numbers?[i] ?? SensorName.NoNumber);
        }

        foreach (var item in _waiting)
        {
            take(item with { Message = item.Message with { SensorId = _numbers[item.Message.Name!] } });
        }

        _waiting.Clear();
    }
}
