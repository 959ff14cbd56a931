using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;
using GrainSensors.Core.Readings;

namespace GrainSensors.Sources.Mapping;

/// <summary>Finds the places of a <see cref="PathTree"/> in one document after the other, and allocates only to grow.</summary>
internal sealed class TreeScan
{
    /// <summary>The most levels of objects and arrays in each other.</summary>
    public const int MaxDepth = 64;

    /// <summary>The longest member that is compared or kept without its escapes, in bytes.</summary>
    private const int MaxMember = NumberList.MaxNameLength;

    private readonly PathNode _root;
    private readonly ScanState _state;
    private readonly PlainScan _plain;

    public TreeScan(PathTree tree, NumberList? numbers)
    {
        _root = tree.Root;
        _state = new(tree.SlotCount, numbers);
        _plain = new(_state);
    }

    public ReadOnlySpan<Slot> Slots => _state.Slots;

    /// <summary>The readings of the last document.</summary>
    public ReadOnlySpan<ReadingSpan> Readings => _state.Readings;

    /// <inheritdoc cref="ScanState.ReadingCount"/>
    public int ReadingCount => _state.ReadingCount;

    /// <returns>False if the document is not JSON; <paramref name="error"/> tells more then.</returns>
    public bool TryScan(ReadOnlySpan<byte> document, out JsonException? error)
    {
        error = null;
        return TryScanPlain(document) || TryScanAny(document, out error);
    }

    internal bool TryScanPlain(ReadOnlySpan<byte> document)
    {
        _state.Clear();
        return _plain.TryScan(document, _root);
    }

    /// <summary>Scans any form of JSON, more slowly. The result is that of <see cref="TryScan"/>.</summary>
    internal bool TryScanAny(ReadOnlySpan<byte> document, out JsonException? error)
    {
        _state.Clear();
        error = null;

        // Utf8JsonReader checks the bytes of a string only when the string is read.
        if (!Utf8.IsValid(document))
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(document, new JsonReaderOptions { MaxDepth = MaxDepth });
            reader.Read();
            Walk(ref reader, _root, isBelow: false);
            reader.Read(); // nothing may follow
            return true;
        }
        catch (JsonException e)
        {
            error = e;
            return false;
        }
    }

    /// <param name="reader">At the first token of a value; at its last one afterwards.</param>
    /// <param name="node">Null: numbers are wanted, and nothing else.</param>
    /// <param name="isBelow">Whether every number is a value.</param>
    private void Walk(ref Utf8JsonReader reader, PathNode? node, bool isBelow)
    {
        if (node is not null)
        {
            isBelow |= node.HasNumbers;
            if (node.Slot >= 0)
            {
                _state.Slots[node.Slot] = Slot.Of(in reader);
            }

            if (node.Each is { } each && reader.TokenType != JsonTokenType.StartArray)
            {
                Walk(ref reader, each, isBelow);
                return;
            }

            if (node.IsReading)
            {
                Keep(ref reader);
                return;
            }
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                WalkObject(ref reader, node, isBelow);
                break;
            case JsonTokenType.StartArray:
                WalkArray(ref reader, node, isBelow);
                break;
            default:
                if (isBelow && node is not { Slot: >= 0 })
                {
                    AddNumber(in reader);
                }

                break;
        }
    }

    private void WalkObject(ref Utf8JsonReader reader, PathNode? node, bool isBelow)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var child = node?.Find(in reader);
            if (child is null && node?.Member is { } member)
            {
                child = member;
                _state.Member = Slot.Of(in reader);
            }

            if (child is null && !isBelow)
            {
                reader.Read();
                reader.Skip();
                continue;
            }

            var before = isBelow ? Enter(in reader) : 0;
            reader.Read();
            Walk(ref reader, child, isBelow);
            if (isBelow)
            {
                _state.Numbers!.Leave(before);
            }
        }
    }

    private void WalkArray(ref Utf8JsonReader reader, PathNode? node, bool isBelow)
    {
        Span<byte> digits = stackalloc byte[10];
        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            var child = node?.Find(index) ?? node?.Each;
            if (child is null && !isBelow)
            {
                reader.Skip();
                continue;
            }

            var before = 0;
            if (isBelow)
            {
                Utf8Formatter.TryFormat(index, digits, out var length);
                before = _state.Numbers!.Enter(digits[..length]);
            }

            Walk(ref reader, child, isBelow);
            if (isBelow)
            {
                _state.Numbers!.Leave(before);
            }
        }
    }

    /// <returns>For <see cref="NumberList.Leave"/>.</returns>
    private int Enter(ref readonly Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return _state.Numbers!.Enter(reader.ValueSpan);
        }

        // What is too long, or half a surrogate pair, becomes a control character, which makes the name invalid.
        Span<byte> name = stackalloc byte[MaxMember];
        return _state.Numbers!.Enter(EscapedName.TryDecode(reader.ValueSpan, name, out var length) ? name[..length] : "\0"u8);
    }

    private void AddNumber(ref readonly Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Number:
                _state.Numbers!.Add(NumberText.TryRead(reader.ValueSpan, out var value) ? value : double.PositiveInfinity);
                break;
            case JsonTokenType.True or JsonTokenType.False:
                _state.Numbers!.Add(reader.TokenType == JsonTokenType.True ? 1 : 0);
                break;
            case JsonTokenType.Null:
                _state.Numbers!.Add(double.NaN);
                break;
            case JsonTokenType.String when !reader.ValueIsEscaped:
                _state.Numbers!.AddText(reader.ValueSpan);
                break;
            default:
                break;
        }
    }

    private void Keep(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        _state.Keep(start, (int)reader.BytesConsumed - start);
    }
}
