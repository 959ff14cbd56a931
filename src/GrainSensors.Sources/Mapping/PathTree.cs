using GrainSensors.Sources.Patterns;

namespace GrainSensors.Sources.Mapping;

/// <summary>The places of a document that a mapping names.</summary>
internal sealed class PathTree
{
    private readonly List<JsonPointer> _paths = [];

    public PathNode Root { get; } = new();

    public int SlotCount => _paths.Count;

    /// <summary>The pointer of a slot, as it was given.</summary>
    public JsonPointer PathOf(int slot) => _paths[slot];

    /// <param name="path">As it was given, for messages.</param>
    /// <param name="skip">How many tokens of it lead to the root of this tree.</param>
    /// <returns>The slot that gets the value.</returns>
    public int Add(JsonPointer path, int skip = 0)
    {
        var node = NodeOf(path, skip);
        if (node.Slot < 0)
        {
            node.Slot = _paths.Count;
            _paths.Add(path);
        }

        return node.Slot;
    }

    public PathNode NodeOf(JsonPointer path, int skip = 0)
    {
        var node = Root;
        foreach (var token in path.Tokens.Skip(skip))
        {
            node = token == JsonPointer.Each ? node.GetOrAddEach()
                : JsonPointer.IsCapture(token) ? node.GetOrAddMember()
                : node.GetOrAdd(token);
        }

        return node;
    }
}
