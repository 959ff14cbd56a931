namespace GrainSensors.Architecture.Tests.Dependencies;

/// <summary>Finds circles: the strongly connected components with more than one member, by Tarjan's algorithm.</summary>
internal sealed class Circles
{
    private readonly Dictionary<string, List<string>> _next;
    private readonly Dictionary<string, int> _order = [];
    private readonly Dictionary<string, int> _lowest = [];
    private readonly Stack<string> _open = [];
    private readonly HashSet<string> _isOpen = [];
    private readonly List<IReadOnlyList<string>> _components = [];

    private Circles(IReadOnlyList<Link> links) =>
        _next = links.GroupBy(link => link.From).ToDictionary(group => group.Key, group => group.Select(link => link.To).ToList());

    /// <param name="arrows">The arrows between files.</param>
    /// <param name="nodeOf">The folder of a file, or the file itself. An arrow inside of a node is none.</param>
    public static IReadOnlyList<Circle> Find(IEnumerable<Arrow> arrows, Func<string, string> nodeOf)
    {
        Link[] links =
        [
            .. arrows.GroupBy(arrow => (From: nodeOf(arrow.From), To: nodeOf(arrow.To)))
                .Where(group => group.Key.From != group.Key.To)
                .Select(group => new Link(group.Key.From, group.Key.To, [.. group]))
                .OrderBy(link => link.From, StringComparer.Ordinal).ThenBy(link => link.To, StringComparer.Ordinal),
        ];
        var search = new Circles(links);
        foreach (var node in search._next.Keys.Order(StringComparer.Ordinal))
        {
            search.Visit(node);
        }

        return [.. search._components
            .Select(nodes => new Circle(nodes, [.. links.Where(link => nodes.Contains(link.From) && nodes.Contains(link.To))]))
            .OrderBy(circle => circle.Nodes[0], StringComparer.Ordinal)];
    }

    private void Visit(string node)
    {
        if (!_order.TryAdd(node, _order.Count))
        {
            return;
        }

        _lowest[node] = _order[node];
        _open.Push(node);
        _isOpen.Add(node);
        foreach (var next in _next.GetValueOrDefault(node) ?? [])
        {
            Visit(next);
            if (_isOpen.Contains(next))
            {
                _lowest[node] = Math.Min(_lowest[node], _lowest[next]);
            }
        }

        if (_lowest[node] == _order[node])
        {
            Close(node);
        }
    }

    private void Close(string first)
    {
        var component = new List<string>();
        string node;
        do
        {
            node = _open.Pop();
            _isOpen.Remove(node);
            component.Add(node);
        }
        while (node != first);
        if (component.Count > 1)
        {
            _components.Add([.. component.Order(StringComparer.Ordinal)]);
        }
    }
}
