using System.Globalization;
using Fluid;
using Fluid.Ast;
using GrainSensors.Core.Text;

namespace GrainSensors.Grains.Alerts.Rules;

/// <summary>The Liquid template of a rule's message.</summary>
/// <remarks>
/// Messages are made in the turns of a grain. So there are no loops and no variables, and only filters whose output is not much longer
/// than their input.
/// </remarks>
public sealed class RuleTemplate
{
    /// <summary>In characters, of what a template yields.</summary>
    public const int MaxOutput = 500;

    private const int MaxSteps = 1000;

    private static readonly string[] Tags = ["if", "unless", "case", "comment", "raw"];

    private static readonly string[] Filters =
    [
        "abs", "at_least", "at_most", "capitalize", "ceil", "date", "default", "divided_by", "downcase", "floor", "minus", "modulo", "plus",
        "round", "strip", "times", "truncate", "upcase",
    ];

    private static readonly FluidParser Parser = NewParser();
    private static readonly TemplateOptions Options =
        new() { MaxSteps = MaxSteps, MaxRecursion = 10, CultureInfo = CultureInfo.InvariantCulture };

    private readonly IFluidTemplate _template;

    /// <exception cref="FormatException">The template is invalid; the message says where.</exception>
    public RuleTemplate(string text)
    {
        if (!Parser.TryParse(text, out _template, out var error))
        {
            throw new FormatException(
                $"\"message\" is not a valid template: {PrintableText.Escape(error, 200)}. It has the tags {string.Join(", ", Tags)}.");
        }

        var check = new FilterCheck();
        check.VisitTemplate(_template);
        if (check.Unknown is { } filter)
        {
            throw new FormatException(
                $"\"message\" has the filter \"{PrintableText.Escape(filter, 100)}\"; use {string.Join(", ", Filters)}.");
        }
    }

    /// <returns>At most <see cref="MaxOutput"/> characters in one line.</returns>
    public string Render(Dictionary<string, object?> members)
    {
        var text = _template.Render(new TemplateContext(members, Options)).ReplaceLineEndings(" ").Trim();
        return text.Length <= MaxOutput ? text : text[..MaxOutput];
    }

    private static FluidParser NewParser()
    {
        var parser = new FluidParser();
        foreach (var tag in parser.RegisteredTags.Keys.Except(Tags).ToList())
        {
            parser.RegisteredTags.Remove(tag);
        }

        return parser;
    }

    /// <summary>Finds a filter that is not allowed.</summary>
    private sealed class FilterCheck : AstVisitor
    {
        public string? Unknown { get; private set; }

        protected override Expression VisitFilterExpression(FilterExpression filterExpression)
        {
            Unknown ??= Filters.Contains(filterExpression.Name) ? null : filterExpression.Name;
            return base.VisitFilterExpression(filterExpression);
        }
    }
}
