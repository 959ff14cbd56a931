namespace GrainSensors.Web.Charts;

/// <summary>Divides points at their gaps: a line connects only points that follow each other.</summary>
internal static class Runs
{
    /// <param name="follows">Whether a point (second) follows the one before it (first) without a gap.</param>
    /// <returns>Ranges of the points, each with at least one point.</returns>
    public static IEnumerable<Range> Of<T>(IReadOnlyList<T> points, Func<T, T, bool> follows)
    {
        for (var (begin, i) = (0, 1); begin < points.Count; i++)
        {
            if (i == points.Count || !follows(points[i - 1], points[i]))
            {
                yield return begin..i;
                begin = i;
            }
        }
    }
}
