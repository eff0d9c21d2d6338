/** Everything of the panel "train", fetched together when it is first opened. */

import "./branch-list.js";
import "./cost-chart.js";
import "./layer-histograms.js";
import "./replay-bar.js";
import "./results-tables.js";
import "./seeds-wall.js";
import "./training-controls.js";
