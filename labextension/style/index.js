import './index.css';
import './call.css';
