namespace GrainSensors.Architecture.Tests.Dependencies;

/// <summary>The links to remove from a circle so that none is left, with the fewest pairs of files between them.</summary>
internal static class LightestCut
{
    /// <summary>The exact search takes 2^n steps; larger circles are ordered greedily.</summary>
    private const int MaxExact = 21;

    public static IReadOnlyList<Link> Of(Circle circle)
    {
        var order = circle.Nodes.Count <= MaxExact ? BestOrder(circle) : GreedyOrder(circle);
        return [.. circle.Links.Where(link => order.IndexOf(link.From) < order.IndexOf(link.To))];
    }

    /// <returns>The nodes from the ground up, with the least weight of links that go up.</returns>
    private static List<string> BestOrder(Circle circle)
    {
        var count = circle.Nodes.Count;
        var weights = Weights(circle);
        var best = new int[1 << count];
        var last = new int[1 << count];
        for (var set = 1; set < best.Length; set++)
        {
            best[set] = int.MaxValue;
            for (var top = 0; top < count; top++)
            {
                var below = set & ~(1 << top);
                if (below != set && best[below] + Up(weights, below, top) is var cost && cost < best[set])
                {
                    (best[set], last[set]) = (cost, top);
                }
            }
        }

        var order = new List<string>();
        for (var set = best.Length - 1; set > 0; set &= ~(1 << last[set]))
        {
            order.Insert(0, circle.Nodes[last[set]]);
        }

        return order;
    }

    /// <returns>The weight of the links from a set of nodes up to the one on top of it.</returns>
    private static int Up(int[,] weights, int below, int top)
    {
        var sum = 0;
        for (var node = 0; node < weights.GetLength(0); node++)
        {
            sum += (below & (1 << node)) != 0 ? weights[node, top] : 0;
        }

        return sum;
    }

    /// <summary>The node that uses least of what is left comes next.</summary>
    private static List<string> GreedyOrder(Circle circle)
    {
        var left = circle.Nodes.ToList();
        var order = new List<string>();
        while (left.Count > 0)
        {
            var next = left.MinBy(node => circle.Links.Where(link => link.From == node && left.Contains(link.To)).Sum(link => link.Weight)
                - circle.Links.Where(link => link.To == node && left.Contains(link.From)).Sum(link => link.Weight))!;
            left.Remove(next);
            order.Add(next);
        }

        return order;
    }

    private static int[,] Weights(Circle circle)
    {
        var weights = new int[circle.Nodes.Count, circle.Nodes.Count];
        var indexes = circle.Nodes.Index().ToDictionary(node => node.Item, node => node.Index);
        foreach (var link in circle.Links)
        {
            weights[indexes[link.From], indexes[link.To]] = link.Weight;
        }

        return weights;
    }
}
