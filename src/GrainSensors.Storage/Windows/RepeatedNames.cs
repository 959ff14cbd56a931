namespace GrainSensors.Storage.Windows;

/// <summary>Keeps one copy of each name of a result, in which names repeat.</summary>
internal sealed class RepeatedNames
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public string Once(string name)
    {
        if (_names.TryGetValue(name, out var known))
        {
            return known;
        }

        _names.Add(name);
        return name;
    }
}
