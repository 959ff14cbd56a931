using System.Globalization;
using System.Text;
using System.Text.Json;
using GrainSensors.Core.Readings;

namespace GrainSensors.Sources.Mapping;

/// <summary>A place in a document that a mapping names, or that is on the way to one.</summary>
internal sealed class PathNode
{
    private Child[] _children = [];

    /// <summary>The slot of the value; −1: none.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>Whether the value is a reading.</summary>
    public bool IsReading { get; set; }

    /// <summary>Whether every number below is a value.</summary>
    public bool HasNumbers { get; set; }

    /// <summary>The place of each element of an array; null: elements are named by their index only.</summary>
    public PathNode? Each { get; private set; }

    /// <summary>The place of each member of an object.</summary>
    public PathNode? Member { get; private set; }

    public bool HasChildren => _children.Length > 0 || Each is not null || Member is not null;

    public PathNode GetOrAddEach() => Each ??= new();

    public PathNode GetOrAddMember() => Member ??= new();

    public PathNode GetOrAdd(string token)
    {
        var name = Encoding.UTF8.GetBytes(token);
        if (Array.Find(_children, child => child.Name.AsSpan().SequenceEqual(name)) is { Node: { } known })
        {
            return known;
        }

        var isIndex = int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && (token[0] != '0' || token.Length == 1);
        var added = new PathNode();
        _children = [.. _children, new(name, isIndex ? index : -1, added)];
        return added;
    }

    /// <param name="reader">At the name of a member.</param>
    public PathNode? Find(ref readonly Utf8JsonReader reader)
    {
        foreach (ref readonly var child in _children.AsSpan())
        {
            if (ReadingParser.Is(in reader, child.Name))
            {
                return child.Node;
            }
        }

        return null;
    }

    /// <param name="name">Without escapes.</param>
    public PathNode? Find(ReadOnlySpan<byte> name)
    {
        foreach (ref readonly var child in _children.AsSpan())
        {
            if (name.SequenceEqual(child.Name))
            {
                return child.Node;
            }
        }

        return null;
    }

    public PathNode? Find(int index)
    {
        foreach (ref readonly var child in _children.AsSpan())
        {
            if (child.Index == index)
            {
                return child.Node;
            }
        }

        return null;
    }

    private readonly record struct Child(byte[] Name, int Index, PathNode Node);
}
